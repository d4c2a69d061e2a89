/** Walks posts and their comments as `usePaginationFragment` does, but without React. */
import {
  Environment, Network, RecordSource, Store,
  createOperationDescriptor, fetchQuery, getPaginationMetadata, getPaginationVariables,
  getSingularSelector, type FetchFunction, type ReaderFragment,
} from 'relay-runtime'
import FeedQuery from './__generated__/FeedQuery.graphql'
import Feed_posts, { type Feed_posts$data } from './__generated__/Feed_posts.graphql'
import Post_comments from './__generated__/Post_comments.graphql'

type Post = Feed_posts$data['posts']['edges'][number]['node']
type Page = { edges: { node: Post }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

export const id = (post: Post): string => post.id
// @ts-expect-error: it is not selected here
export const excerpt = (post: Post) => post.excerpt

const send: FetchFunction = async ({ text }, variables) => {
  const answer = await fetch('http://127.0.0.1:8000/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text, variables }),
  })
  return await answer.json()
}

const environment = new Environment({
  network: Network.create(send),
  store: new Store(new RecordSource()),
})

/** The nodes of the fragment's connection in the store, after its last page was loaded. */
async function loadAll(fragment: ReaderFragment, reference: unknown): Promise<Post[]> {
  const selector = getSingularSelector(fragment, reference)!
  const { connectionPathInFragmentData, identifierField, paginationMetadata, paginationRequest } =
    getPaginationMetadata(fragment, 'walk')
  for (;;) {
    const data = environment.lookup(selector).data as Record<string, unknown>
    const { edges, pageInfo } = data[connectionPathInFragmentData[0]!] as Page
    if (!pageInfo.hasNextPage) return edges.map((edge) => edge.node)
    const base = { ...selector.owner.variables, ...selector.variables }
    const { count } = selector.variables
    const { endCursor } = pageInfo
    const next = getPaginationVariables('forward', count, endCursor, base, {}, paginationMetadata)
    if (identifierField) next.id = data[identifierField]
    await fetchQuery(environment, paginationRequest, next).toPromise()
  }
}

const first = { count: 7 }
const operation = createOperationDescriptor(FeedQuery, first)
environment.retain(operation)
await fetchQuery(environment, FeedQuery, first).toPromise()
const posts = await loadAll(Feed_posts, environment.lookup(operation.fragment).data)
const seen = []
for (const post of posts) {
  const comments = await loadAll(Post_comments, post)
  seen.push([post.id, comments.map(({ id }) => id)])
}
console.log(JSON.stringify(seen))

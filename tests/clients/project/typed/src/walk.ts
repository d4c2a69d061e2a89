/** Walks posts and comments with Apollo Client and urql, and writes something. */
import { client as apollo } from './apollo'
import { graphql } from './gql'
import type { FeedQueryVariables } from './gql/graphql'
import { client as urql } from './urql'

const all: FeedQueryVariables = { where: { title: { ne: '' } }, orderBy: [{ createdAt: 'DESC' }] }

const Feed = graphql(`
  query Feed($after: String, $where: PostWhere, $orderBy: [PostOrder!]) {
    posts(first: 7, after: $after, where: $where, orderBy: $orderBy) {
      pageInfo { hasNextPage endCursor }
      edges { node { id comments(first: 2) { pageInfo { hasNextPage endCursor } edges { node { id } } } } }
    }
  }
`)

const Comments = graphql(`
  query Comments($id: ID!, $after: String) {
    post(by: { id: $id }) {
      id
      comments(first: 2, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id } } }
    }
  }
`)

const Register = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      user { id username }
      tokens { accessToken }
      errors { __typename code message path }
    }
  }
`)

const Bookmark = graphql(`
  mutation Bookmark($postId: ID!) {
    bookmark(postId: $postId) { post { id bookmarks { totalCount } } errors { message } }
  }
`)

const Bookmarks = graphql(`
  query Bookmarks($id: ID!) { post(by: { id: $id }) { id bookmarks { totalCount } } }
`)

/** Post ids with the ids of their comments, as they are in the cache after the last page. */
async function walkWithApollo() {
  const feed = apollo.watchQuery({ query: Feed, variables: all })
  const watching = feed.subscribe(() => {})
  let { data } = await apollo.query({ query: Feed, variables: all })
  while (data?.posts.pageInfo.hasNextPage) {
    ;({ data } = await feed.fetchMore({ variables: { after: data.posts.pageInfo.endCursor } }))
  }
  const { posts } = known(apollo.readQuery({ query: Feed, variables: all }))
  for (const { node } of posts.edges) await walkComments(node.id)
  watching.unsubscribe()
  return known(apollo.readQuery({ query: Feed, variables: all })).posts.edges.map(({ node }) => [
    node.id,
    node.comments.edges.map((edge) => edge.node.id),
  ])
}

async function walkComments(id: string) {
  const comments = apollo.watchQuery({ query: Comments, variables: { id } })
  const watching = comments.subscribe(() => {})
  let { data } = await apollo.query({ query: Comments, variables: { id } })
  while (data?.post?.comments.pageInfo.hasNextPage) {
    const after = data.post.comments.pageInfo.endCursor
    ;({ data } = await comments.fetchMore({ variables: { after } }))
  }
  watching.unsubscribe()
}

async function walkWithUrql(after?: string | null): Promise<string[]> {
  const { posts } = known((await urql.query(Feed, { ...all, after })).data)
  const ids = posts.edges.map(({ node }) => node.id)
  const { hasNextPage, endCursor } = posts.pageInfo
  return hasNextPage ? [...ids, ...(await walkWithUrql(endCursor))] : ids
}

/** Errors of a payload, and how a payload renews what the cache has of the row. */
async function write(postId: string) {
  const input = { username: 'ada', displayName: 'Ada', email: 'ada@example.org', password: 'short' }
  const refused = await apollo.mutate({ mutation: Register, variables: { input } })
  const { errors } = known(refused.data?.register)
  input.password = 'correct horse battery'
  const accepted = await apollo.mutate({ mutation: Register, variables: { input } })
  const { accessToken } = known(accepted.data?.register.tokens)
  const count = () => apollo.readQuery({ query: Bookmarks, variables: { id: postId } })?.post?.bookmarks.totalCount
  await apollo.query({ query: Bookmarks, variables: { id: postId } })
  const before = known(count())
  const headers = { authorization: `Bearer ${accessToken}` }
  await apollo.mutate({ mutation: Bookmark, variables: { postId }, context: { headers } })
  return { errors, bookmarksAdded: known(count()) - before }
}

function known<T>(value: T | null | undefined): T {
  if (value == null) throw new Error('missing')
  return value
}

const seenByApollo = await walkWithApollo()
const seenByUrql = await walkWithUrql()
const written = await write(seenByUrql[0]!)
console.log(JSON.stringify({ apollo: seenByApollo, urql: seenByUrql, written }))
apollo.stop()

/** What the generated types know: `tsc` fails if a line marked below is not an error. */
import type { FeedQuery, PostOrder, PostWhere, RegisterMutation } from './gql/graphql'

type Post = FeedQuery['posts']['edges'][number]['node']
type Problem = RegisterMutation['register']['errors'][number]

export const id = (post: Post): string => post.id
// @ts-expect-error: it is not selected
export const title = (post: Post) => post.title

export const path = (problem: Problem): string[] | null | undefined => problem.path
// @ts-expect-error: it may be null
export const first = (problem: Problem): string => problem.path[0]
// @ts-expect-error: there is no such error
export const isOdd = (problem: Problem) => problem.__typename === 'OddError'

export const where: PostWhere = { tags: { some: { name: { in: ['tea', 'bread'] } } } }
// @ts-expect-error: names are text
export const wrong: PostWhere = { tags: { some: { name: { eq: 1 } } } }
export const order: PostOrder = { author: { username: 'ASC' } }
// @ts-expect-error: one field at a time
export const both: PostOrder = { title: 'ASC', createdAt: 'DESC' }

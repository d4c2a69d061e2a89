import { graphql } from 'relay-runtime'

export const query = graphql`
  query FeedQuery($count: Int!) { ...Feed_posts @arguments(count: $count) }
`

export const posts = graphql`
  fragment Feed_posts on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "FeedPostsQuery") {
    posts(first: $count, after: $cursor, orderBy: [{ createdAt: DESC }]) @connection(key: "Feed_posts") {
      edges { node { id status author { username } ...Post_comments @arguments(count: 2) } }
    }
  }
`

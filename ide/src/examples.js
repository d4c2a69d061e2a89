// The operations that a first visit opens, one tab each; the first one in front.
import newestPosts from "./examples/1-newest-posts.graphql";
import filtered from "./examples/2-discussed.graphql";
import lookUp from "./examples/3-look-up.graphql";
import counts from "./examples/4-counts.graphql";
import nestedPages from "./examples/5-nested-pages.graphql";

export const examples = [newestPosts, filtered, lookUp, counts, nestedPages].map(
  (query) => ({ query }),
);

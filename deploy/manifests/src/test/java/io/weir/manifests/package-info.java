/** Checks of what Weir is deployed with: the image, Compose files, the Helm chart. Start at {@link io.weir.manifests.Deploy}. */
@org.jspecify.annotations.NullMarked
package io.weir.manifests;

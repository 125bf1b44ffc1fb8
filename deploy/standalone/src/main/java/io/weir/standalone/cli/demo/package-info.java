/**
 * Owns what {@code weir demo} shows: the sample, the queries, the size of what was stored. Start at
 * {@link io.weir.standalone.cli.demo.DemoSample}.
 */
@NullMarked
package io.weir.standalone.cli.demo;

import org.jspecify.annotations.NullMarked;

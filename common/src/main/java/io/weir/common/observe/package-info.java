/**
 * Owns what the process tells of itself in numbers. Start at {@link io.weir.common.observe.MetricsConfiguration}; a
 * feature adds its own as a {@code MeterBinder} bean.
 */
@NullMarked
package io.weir.common.observe;

import org.jspecify.annotations.NullMarked;

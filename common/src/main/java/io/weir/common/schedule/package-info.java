/** Owns every thread pool of Weir. Start at {@link io.weir.common.schedule.WeirSchedulers}. */
@NullMarked
package io.weir.common.schedule;

import org.jspecify.annotations.NullMarked;

/**
 * Owns continuous queries: when their windows are computed, and that each window is in its destination once. Start at {@link
 * io.weir.query.continuous.ContinuousWorker}.
 */
@NullMarked
package io.weir.query.continuous;

import org.jspecify.annotations.NullMarked;

/**
 * Owns tracing by OpenTelemetry, off unless it is asked for. Start at {@link io.weir.common.trace.TraceConfiguration}; stages
 * take part by {@link io.weir.common.observe.TraceScope}.
 */
@NullMarked
package io.weir.common.trace;

import org.jspecify.annotations.NullMarked;

/**
 * Owns what the process tells of its health: checks that decide whether it is ready, and details. Start at {@link
 * io.weir.common.health.HealthWatch}; a feature adds its own as {@code HealthCheck} and {@code HealthDetail} beans.
 */
@NullMarked
package io.weir.common.health;

import org.jspecify.annotations.NullMarked;

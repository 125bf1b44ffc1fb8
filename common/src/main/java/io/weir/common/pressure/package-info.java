/**
 * Owns what is known of the memory of the process and container, and the state of having too little of it. Start at {@link
 * io.weir.common.pressure.MemoryPressure}; a feature that can do with less is a {@code PressureListener} bean.
 */
@NullMarked
package io.weir.common.pressure;

import org.jspecify.annotations.NullMarked;

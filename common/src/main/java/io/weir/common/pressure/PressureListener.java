package io.weir.common.pressure;

/** Something that can do with less memory for a while. */
@FunctionalInterface
public interface PressureListener {

    /**
     * Memory is short from now on, or no longer. Called by one thread, in turns; must be brief.
     *
     * @param high whether it is
     */
    void pressed(boolean high);
}

/** Load and soak tests. Each simulation is a class; {@code deploy/load/run} runs one against a server of its own. */
@org.jspecify.annotations.NullMarked
package io.weir.load;

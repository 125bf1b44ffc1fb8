/**
 * Owns the assembly of both services into one process on embedded defaults. Start at
 * {@link io.weir.standalone.server.StandaloneServer}.
 */
@NullMarked
package io.weir.standalone.server;

import org.jspecify.annotations.NullMarked;

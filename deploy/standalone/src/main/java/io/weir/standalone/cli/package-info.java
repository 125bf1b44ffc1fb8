/**
 * Owns the commands of {@code weir}: what they are called, which options they take, and what they say. The server itself
 * is reached through {@link io.weir.standalone.cli.ServerLauncher}. Start at {@link io.weir.standalone.cli.CommandLines}.
 */
@NullMarked
package io.weir.standalone.cli;

import org.jspecify.annotations.NullMarked;

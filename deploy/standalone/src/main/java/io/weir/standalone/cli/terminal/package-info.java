/**
 * Owns how the command line speaks: sentences, exit codes, progress and tables. Start at
 * {@link io.weir.standalone.cli.terminal.Terminal}.
 */
@NullMarked
package io.weir.standalone.cli.terminal;

import org.jspecify.annotations.NullMarked;

/** Owns how Weir fails: every failure is a {@link io.weir.common.error.WeirException} with a code. Start there. */
@NullMarked
package io.weir.common.error;

import org.jspecify.annotations.NullMarked;

/**
 * Owns who may do what: tokens and how they are verified, organisations and their limits, and the record of
 * administrative acts. Start at {@link io.weir.access.AccessService}.
 */
@NullMarked
package io.weir.access;

import org.jspecify.annotations.NullMarked;

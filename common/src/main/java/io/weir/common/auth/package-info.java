/** Owns who a caller is and what it may do. Start at {@link io.weir.common.auth.Authenticator}. */
@NullMarked
package io.weir.common.auth;

import org.jspecify.annotations.NullMarked;

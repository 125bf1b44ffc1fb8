/**
 * Owns what every HTTP route shares: request ids, authentication before the body, and errors as problem documents. Start
 * at {@link io.weir.common.http.EdgeConfiguration}.
 */
@NullMarked
package io.weir.common.http;

import org.jspecify.annotations.NullMarked;

/**
 * Owns the forms a result is sent in: from the engine's Arrow batches straight to bytes, never through row objects. Start
 * at {@link io.weir.query.result.ResultFormat}.
 */
@NullMarked
package io.weir.query.result;

import org.jspecify.annotations.NullMarked;

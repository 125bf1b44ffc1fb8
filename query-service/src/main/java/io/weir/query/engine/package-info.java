/**
 * Owns the run of one query: admission, plan, snapshot, engine, stream. Start at
 * {@link io.weir.query.engine.QueryRunner}.
 */
@NullMarked
package io.weir.query.engine;

import org.jspecify.annotations.NullMarked;

/**
 * Owns what a statement may be and what it reads, decided on the engine's own parse tree and nothing else. Start at
 * {@link io.weir.query.plan.StatementParser}.
 */
@NullMarked
package io.weir.query.plan;

import org.jspecify.annotations.NullMarked;

/**
 * Owns the newest rows of each series, kept so that statements which ask for nothing else read no files: which rows are kept, how
 * they follow the catalog, and which statements need no others. Start at {@link io.weir.query.lastvalue.LastValues}.
 */
@NullMarked
package io.weir.query.lastvalue;

import org.jspecify.annotations.NullMarked;

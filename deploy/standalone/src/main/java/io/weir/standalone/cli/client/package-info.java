/**
 * Owns the client's side of Weir's HTTP contract: requests, retries, the cutting of line protocol, the reading of results
 * and of errors. Start at {@link io.weir.standalone.cli.client.WeirHttp}.
 */
@NullMarked
package io.weir.standalone.cli.client;

import org.jspecify.annotations.NullMarked;

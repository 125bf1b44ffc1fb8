package io.weir.common.auth;

import io.weir.common.model.Names;
import reactor.core.publisher.Mono;

/**
 * Decides who a request comes from, from its headers alone, before a byte of its body is read. Never blocks.
 */
public interface Authenticator {

    /** Lets everybody in as the default organisation: what a standalone server on a laptop does. */
    Authenticator OPEN = credentials -> Mono.just(new Principal(Names.DEFAULT_ORGANISATION, "anonymous"));

    /**
     * The caller with those credentials.
     *
     * @return an error {@code unauthenticated} when there is none
     */
    Mono<Principal> authenticate(Credentials credentials);
}

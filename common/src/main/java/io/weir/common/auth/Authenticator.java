package io.weir.common.auth;

import io.weir.common.model.Names;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Decides who a request comes from, from its headers alone, before a byte of its body is read. Never blocks.
 */
public interface Authenticator {

    /** Lets everybody in as the default organisation: what a standalone server on a laptop does. */
    Authenticator OPEN = new Authenticator() {

        private static final Principal EVERYBODY = Principal.unrestricted(Names.DEFAULT_ORGANISATION, "anonymous");

        @Override
        public boolean open() {
            return true;
        }

        @Override
        public Principal known(Credentials credentials) {
            return EVERYBODY;
        }

        @Override
        public Mono<Principal> authenticate(Credentials credentials) {
            return Mono.just(EVERYBODY);
        }
    };

    /** Whether everybody is let in, whatever they show. */
    default boolean open() {
        return false;
    }

    /** The caller with those credentials when nothing has to be asked or computed to know it; else null. */
    default @Nullable Principal known(Credentials credentials) {
        return null;
    }

    /**
     * The caller with those credentials.
     *
     * @return an error {@code unauthenticated} when there is none
     */
    Mono<Principal> authenticate(Credentials credentials);
}

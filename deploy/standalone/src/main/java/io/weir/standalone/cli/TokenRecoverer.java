package io.weir.standalone.cli;

/** Makes an operator's token in the data of a stopped server, in this process. */
@FunctionalInterface
public interface TokenRecoverer {

    /**
     * Makes a token and returns it; nobody can have it again.
     *
     * @param name what the token is called
     * @throws RuntimeException when it could not be made; a {@code WeirException} somewhere among the causes has a detail
     *     fit to be shown
     */
    String recover(ServeOptions server, String name);
}

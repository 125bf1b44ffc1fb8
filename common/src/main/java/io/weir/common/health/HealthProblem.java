package io.weir.common.health;

/** What a check has found, in a sentence for people. */
public final class HealthProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** That is wrong. */
    public HealthProblem(String sentence) {
        super(sentence, null, false, false); // its place tells nothing
    }
}

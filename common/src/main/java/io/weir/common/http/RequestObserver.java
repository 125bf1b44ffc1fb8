package io.weir.common.http;

/** Is told of every request. Must neither block nor throw, and is called from any thread. */
public interface RequestObserver {

    /** Takes note of nothing. */
    RequestObserver NONE = new RequestObserver() {
        @Override
        public void began() {}

        @Override
        public void ended(String method, String route, Outcome outcome, long nanos) {}
    };

    /** How a request ended, as far as there is an answer to tell by. */
    enum Outcome {
        /** Informational. */
        INFORMATIONAL("1xx"),
        /** Done. */
        SUCCESS("2xx"),
        /** Elsewhere, or not modified. */
        REDIRECTION("3xx"),
        /** Refused, the client's fault. */
        CLIENT_ERROR("4xx"),
        /** Failed, or refused for want of room. */
        SERVER_ERROR("5xx"),
        /** Failed after its answer had begun. */
        BROKEN("broken"),
        /** Its client went away before the end. */
        GONE("gone");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        /** As metrics name it. */
        public String label() {
            return label;
        }

        /** The outcome of an answer with that status. */
        public static Outcome ofStatus(int status) {
            return switch (status / 100) {
                case 1 -> INFORMATIONAL;
                case 2 -> SUCCESS;
                case 3 -> REDIRECTION;
                case 4 -> CLIENT_ERROR;
                default -> SERVER_ERROR;
            };
        }
    }

    /** A request has come. */
    void began();

    /**
     * It has ended.
     *
     * @param method as it was sent
     * @param route pattern of the route that took it; {@code none} when none did
     * @param nanos time since it came
     */
    void ended(String method, String route, Outcome outcome, long nanos);
}

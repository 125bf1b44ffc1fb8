package io.weir.standalone.cli;

import io.weir.common.error.WeirException;
import io.weir.standalone.cli.terminal.CommandFailure;
import java.net.BindException;

/** Finds the one sentence that tells why a server did not start. */
final class StartFailures {

    private StartFailures() {}

    /** The failure to show for {@code failure}, which a launcher threw for {@code options}. */
    static CommandFailure explain(Throwable failure, ServeOptions options) {
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CommandFailure command) {
                return command;
            }
            if (cause instanceof WeirException weir) {
                return CommandFailure.refused("Weir cannot start: " + weir.detail(), failure);
            }
            // The web framework has an exception of its own for a taken port, without the socket's below it.
            if (cause instanceof BindException
                    || cause.getClass().getSimpleName().equals("PortInUseException")) {
                return portTaken(options.port());
            }
            root = cause;
        }
        return CommandFailure.refused("Weir cannot start: " + sentence(root), failure);
    }

    /** Why something failed: what the first of its causes says that is fit to be shown, else the last one. */
    static String reason(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof WeirException weir) {
                return weir.detail();
            }
            root = cause;
        }
        return sentence(root);
    }

    private static String sentence(Throwable root) {
        String reason = root.getMessage();
        String kind = root.getClass().getSimpleName();
        return reason == null || reason.isBlank() ? kind : reason + " (" + kind + ")";
    }

    /** The failure when something else listens on {@code port}. */
    static CommandFailure portTaken(int port) {
        return CommandFailure.refused(
                "Port " + port + " is in use by another process (is another Weir running? choose another with --port)");
    }
}

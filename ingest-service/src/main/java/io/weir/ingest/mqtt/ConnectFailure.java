package io.weir.ingest.mqtt;

import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAckReturnCode;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import javax.net.ssl.SSLException;

/** Says in one sentence why a connection failed, and which settings that may depend on. */
final class ConnectFailure {

    private ConnectFailure() {}

    static String explain(Throwable failure) {
        if (failure instanceof Mqtt5ConnAckException refused) {
            Mqtt5ConnAckReasonCode code = refused.getMqttMessage().getReasonCode();
            boolean login = code == Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD
                    || code == Mqtt5ConnAckReasonCode.NOT_AUTHORIZED
                    || code == Mqtt5ConnAckReasonCode.BAD_AUTHENTICATION_METHOD;
            return refusal(code, login);
        }
        if (failure instanceof Mqtt3ConnAckException refused) {
            Mqtt3ConnAckReturnCode code = refused.getMqttMessage().getReturnCode();
            boolean login = code == Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD
                    || code == Mqtt3ConnAckReturnCode.NOT_AUTHORIZED;
            return refusal(code, login);
        }
        if (failure instanceof Mqtt5DisconnectException closed) {
            return "the connection was ended: " + closed.getMqttMessage().getReasonCode();
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return "TLS failed (weir.mqtt.tls): " + sentence(cause);
            }
        }
        return sentence(failure);
    }

    private static String refusal(Object code, boolean login) {
        return "the broker refused the connection: " + code
                + (login ? " (check weir.mqtt.username, password and client-id)" : "");
    }

    /** The innermost message of a failure. */
    static String sentence(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null && innermost.getCause() != innermost) {
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getSimpleName() : message;
    }
}

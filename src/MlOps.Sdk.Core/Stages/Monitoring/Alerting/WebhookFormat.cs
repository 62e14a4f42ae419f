using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>How an alert is written for a webhook.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WebhookFormat>))]
public enum WebhookFormat
{
    /// <summary>A JSON object of the library, for a receiver of your own.</summary>
    Json,

    /// <summary>A message for an incoming webhook of Slack.</summary>
    Slack,

    /// <summary>An Adaptive Card for a webhook of Teams Workflows.</summary>
    Teams,
}

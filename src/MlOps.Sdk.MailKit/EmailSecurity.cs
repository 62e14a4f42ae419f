using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>How the connection to a mail server is encrypted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmailSecurity>))]
public enum EmailSecurity
{
    /// <summary>It begins without, and is encrypted before anything is said; a server that cannot do so is an error. Port 587.</summary>
    StartTls,

    /// <summary>It is encrypted from the beginning. Port 465.</summary>
    Tls,

    /// <summary>It is not encrypted: only to a server on this machine.</summary>
    None,
}

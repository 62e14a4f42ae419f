using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>The risk that the use of the model bears, in the words of the European AI Act (Regulation (EU) 2024/1689).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RiskLevel>))]
public enum RiskLevel
{
    /// <summary>No particular obligations.</summary>
    Minimal,

    /// <summary>Transparency obligations.</summary>
    Limited,

    /// <summary>Listed in Annex III or a safety component: risk management, records, human oversight.</summary>
    High,
}

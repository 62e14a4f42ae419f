using System.Text.Json.Serialization;

namespace MlOps.Sdk.Statistics;

/// <summary>How p-values of several tests are corrected for their number.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Correction>))]
public enum Correction
{
    /// <summary>Benjamini and Hochberg (1995): controls the false discovery rate of independent or positively dependent tests.</summary>
    BenjaminiHochberg,

    /// <summary>Benjamini and Yekutieli (2001): controls the false discovery rate under any dependence.</summary>
    BenjaminiYekutieli,

    /// <summary>Holm (1979): controls the probability of any false discovery.</summary>
    Holm,

    /// <summary>Bonferroni: as Holm, simpler and weaker.</summary>
    Bonferroni,
}

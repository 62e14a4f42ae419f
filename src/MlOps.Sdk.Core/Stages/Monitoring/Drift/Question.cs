namespace MlOps.Sdk.Monitoring;

/// <summary>One way in which a column may have changed, asked and answered.</summary>
/// <param name="Statistic">The test.</param>
/// <param name="Value">Its statistic.</param>
/// <param name="PValue">Its p-value, for this question alone.</param>
/// <param name="Effect">The name of the effect size.</param>
/// <param name="EffectSize">The effect size, at least 0.</param>
/// <param name="EffectLower">Its lower confidence bound.</param>
/// <param name="Material">From which bound it matters.</param>
/// <param name="Note">What differs, in numbers.</param>
internal sealed record Question(
    string Statistic,
    double Value,
    double PValue,
    string Effect,
    double EffectSize,
    double EffectLower,
    double Material,
    string? Note)
{
    public bool IsMaterial => EffectLower >= Material;
}

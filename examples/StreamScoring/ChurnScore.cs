namespace StreamScoring;

/// <summary>A message: the answer to one.</summary>
/// <param name="Id">The id of the message that it answers.</param>
/// <param name="Version">The version of the model.</param>
/// <param name="Churn">The probability that the customer leaves.</param>
internal sealed record ChurnScore(string Id, int Version, double Churn);

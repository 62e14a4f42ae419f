namespace CanaryExample;

/// <summary>The credit service does not answer.</summary>
internal sealed class CreditServiceDownException() : Exception("The credit service does not answer.");

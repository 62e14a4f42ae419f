namespace StreamScoring;

/// <summary>A message: a customer has changed.</summary>
/// <param name="Id">The message's own id, which a producer repeats when it sends a message again.</param>
/// <param name="Customer">The customer as it is now.</param>
internal sealed record CustomerChanged(string Id, Customer Customer);

namespace MlOps.Sdk.AspNetCore;

/// <summary>The caller does not take an answer: its connection is ended.</summary>
internal sealed class UnreadAnswerException() : Exception("The caller did not take the answer in time.");

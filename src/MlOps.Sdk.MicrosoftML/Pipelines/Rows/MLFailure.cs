namespace MlOps.Sdk.MLNet;

/// <summary>Failures inside ML.NET, which may reach the caller wrapped, from another thread.</summary>
internal static class MLFailure
{
    /// <summary>The failure as the library reports it; <see langword="null"/> for what passes through as it is.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="doing">What was done, as the end of a sentence.</param>
    public static MlOpsException? Of(Exception failure, string doing)
    {
        if (failure is MlOpsException or OperationCanceledException or ObjectDisposedException or OutOfMemoryException) return null;
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is MlOpsException known) return known;
        }

        return new MlOpsException(
            $"ML.NET failed {doing}: {failure.GetBaseException().Message.TrimEnd('.')}.",
            "Check the columns and values that the message names.",
            failure);
    }
}

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>What a flaw does to trainings.</summary>
internal sealed class TrainingFlaws(Flaw flaw)
{
    private static int s_drawn;

    private bool _wasCancelled;

    /// <summary>Another number for each model, or always the same.</summary>
    public int Draw() => flaw == Flaw.NeverTheSame ? Interlocked.Increment(ref s_drawn) : 0;

    /// <summary>Trains as the flaw has it.</summary>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> train, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (flaw == Flaw.IgnoresCancellation) return await train(CancellationToken.None);
        if (_wasCancelled) throw new OperationCanceledException("The library stays cancelled.");
        await using var registration = cancellationToken.Register(() => _wasCancelled = flaw == Flaw.StaysCancelled);
        return await train(cancellationToken);
    }

    /// <summary>The labels and the number of classes as the flaw has them.</summary>
    public (ReadOnlyMemory<double> Labels, int ClassCount) Labels(ReadOnlyMemory<double> labels, int classCount)
    {
        if (flaw is not (Flaw.ClassesByOccurrence or Flaw.FewerOutputs)) return (labels, classCount);
        double[] occurring = [.. labels.ToArray().Distinct()];
        if (flaw == Flaw.FewerOutputs) occurring = [.. occurring.Order()];
        return (Array.ConvertAll(labels.ToArray(), label => (double)Array.IndexOf(occurring, label)), occurring.Length);
    }
}

using System.Reflection;
using Microsoft.ML.Trainers.FastTree;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Ends the training of a generalized additive model, which asks nobody whether it should continue. Without its rows it fails in the next
/// round; what it holds is its own, and nobody else sees it. Thread-safe.
/// </summary>
internal sealed class GamCancellation : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(20);

    private readonly object _trainer;
    private readonly FieldInfo? _rows;
    private readonly Timer _again;
    private readonly CancellationTokenRegistration _registration;

    /// <summary>Ends the training of a trainer when the token is cancelled, until this is disposed of.</summary>
    /// <param name="trainer">The trainer, see <see cref="IsNeededBy"/>.</param>
    /// <param name="cancellationToken">Ends the training.</param>
    public GamCancellation(object trainer, CancellationToken cancellationToken)
    {
        _trainer = trainer;
        _rows = RowsOf(trainer.GetType());
        _again = new Timer(static state => ((GamCancellation)state!).End(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registration = cancellationToken.Register(static state => ((GamCancellation)state!).Cancel(), this);
    }

    /// <summary>Whether an object is a trainer that nothing else ends.</summary>
    public static bool IsNeededBy(object trainer) => trainer is GamBinaryTrainer or GamRegressionTrainer;

    public void Dispose()
    {
        _registration.Dispose();
        _again.Dispose();
    }

    /// <summary>The field of the rows. A test watches that it stays.</summary>
    internal static FieldInfo? RowsOf(Type trainer) =>
        trainer.BaseType!.GetField("TrainSet", BindingFlags.Instance | BindingFlags.NonPublic);

    private void Cancel()
    {
        End();
        // Rows that the trainer is still preparing come later.
        _again.Change(s_period, s_period);
    }

    private void End() => _rows?.SetValue(_trainer, null);
}

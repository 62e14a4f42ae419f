using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.ML.Trainers.FastTree;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Ends the training of a generalized additive model, which asks nobody whether it should go on. Without its rows it fails in the next
/// round; what it holds is its own, and nobody else sees it.
/// </summary>
internal static class GamCancellation
{
    /// <summary>Ends the training when the token is cancelled.</summary>
    public static CancellationTokenRegistration Register(GamBinaryTrainer trainer, CancellationToken cancellationToken) =>
        cancellationToken.Register(() => RowsOf(typeof(GamBinaryTrainer))?.SetValue(trainer, null));

    /// <summary>Ends the training when the token is cancelled.</summary>
    public static CancellationTokenRegistration Register(GamRegressionTrainer trainer, CancellationToken cancellationToken) =>
        cancellationToken.Register(() => RowsOf(typeof(GamRegressionTrainer))?.SetValue(trainer, null));

    /// <summary>The field of the rows. A test watches that it stays.</summary>
    internal static FieldInfo? RowsOf(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.NonPublicFields)] Type trainer) =>
        trainer.BaseType!.GetField("TrainSet", BindingFlags.Instance | BindingFlags.NonPublic);
}

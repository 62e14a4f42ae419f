using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Processing;

/// <summary>A step that looks rows up in another table, whose content is part of what the step is.</summary>
internal sealed class JoinStep(IReferenceProcessor step) : TableStep(step)
{
    public override string? Note => step.Note;

    public override ValueTask LoadAsync(IReadOnlyCollection<string> personal, CancellationToken cancellationToken) =>
        step.Reference.LoadAsync(personal, cancellationToken);

    public override void Describe(FingerprintBuilder fingerprint, string name) =>
        fingerprint.Add(name, $"{step} {step.Reference.ContentHash()}").AddCode(name, Type);
}

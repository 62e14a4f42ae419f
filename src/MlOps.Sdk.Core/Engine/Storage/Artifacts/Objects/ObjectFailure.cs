namespace MlOps.Sdk.Storage;

/// <summary>Why an object store did not do what it was asked.</summary>
/// <param name="Reason">The end of a sentence, without a full stop and without secrets.</param>
/// <param name="Remedy">What the reader can do about it.</param>
/// <param name="Inner">The cause, where its texts hold nothing that was signed or sent.</param>
internal sealed record ObjectFailure(string Reason, string Remedy, Exception? Inner = null);

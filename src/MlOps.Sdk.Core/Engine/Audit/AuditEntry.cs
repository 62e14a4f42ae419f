using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Audit;

/// <summary>One entry of the audit log: who did what to what, when and why.</summary>
/// <param name="Sequence">Its place, from 1 without gaps.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Actor">Who: a person, a service, a run.</param>
/// <param name="Action">What was done, for example <c>model.promoted</c>.</param>
/// <param name="Subject">What it was done to, for example <c>model:customer-churn/3</c>.</param>
/// <param name="Details">The rest: an object of JSON, in some entries a sentence.</param>
/// <param name="Hash">SHA-256 over the former entry's hash and this entry's content, 64 hexadecimal digits.</param>
public sealed record AuditEntry(long Sequence, DateTimeOffset At, string Actor, string Action, string Subject, string Details, string Hash)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}

namespace MlOps.Sdk.Tests;

/// <summary>A subscriber as a served model sees one.</summary>
internal sealed record UnlabelledSubscriber(int Age, double? Spend, string Plan, bool Abroad)
{
    public static UnlabelledSubscriber Of(Subscriber subscriber) =>
        new(subscriber.Age, subscriber.Spend, subscriber.Plan, subscriber.Abroad);
}

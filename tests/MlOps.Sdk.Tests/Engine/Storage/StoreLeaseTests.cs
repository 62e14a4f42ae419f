using System.Collections.Concurrent;
using Dapper;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

[TestFixture]
internal sealed class StoreLeaseTests : StoreFixture
{
    private const int NotStored = 8046;
    private const int Lost = 8047;

    private readonly ConcurrentQueue<int> _logged = new();

    [Test]
    public async Task Lost_AnotherProcessTookIt_IsCancelledAtTheNextRenewal()
    {
        await using var lease = await TakeAsync();
        await Store.WriteAsync(connection => connection.Execute("UPDATE leases SET holder = 'another'"));
        Assert.That(lease.Lost.IsCancellationRequested, Is.False);

        Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.That(() => lease.Lost.IsCancellationRequested, Is.True.After(30_000, 5));
        Assert.That(_logged, Is.EqualTo(new[] { Lost }));
    }

    [Test]
    public async Task Lost_CannotBeRenewed_IsCancelledWhenItsTimeIsOver()
    {
        await using var lease = await TakeAsync();
        await Store.DisposeAsync();

        Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.That(() => _logged.Count(id => id == NotStored), Is.EqualTo(1).After(30_000, 5));
        Assert.That(lease.Lost.IsCancellationRequested, Is.False, "nobody else may have it yet");
        while (Clock.GetUtcNow() - Clock.Start < StoreLease.Length) Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.That(() => lease.Lost.IsCancellationRequested, Is.True.After(30_000, 5));
        Assert.That(_logged, Has.One.EqualTo(Lost));
    }

    [Test]
    public async Task Lost_RenewedLateAndNobodyTookIt_IsNotCancelled()
    {
        await using var lease = await TakeAsync();

        // A machine that slept.
        Clock.Advance(10 * StoreLease.Length);

        Assert.That(HeldUntilAsync, Is.EqualTo(Clock.GetUtcNow() + StoreLease.Length).After(30_000, 5));
        Assert.That((lease.Lost.IsCancellationRequested, _logged.Count), Is.EqualTo((false, 0)));
    }

    [Test]
    public async Task DisposeAsync_CannotBeReturned_IsLogged()
    {
        var lease = await TakeAsync();
        await Store.DisposeAsync();

        await lease.DisposeAsync();

        Assert.That(_logged, Is.EqualTo(new[] { NotStored }));
        Assert.That(lease.Lost.IsCancellationRequested, Is.False);
    }

    private Task<StoreLease> TakeAsync()
    {
        _logged.Clear();
        return StoreLease.WaitAsync(
            new LeaseTable(Store),
            "target",
            Clock,
            new LogWatcher(id => _logged.Enqueue(id.Id)).CreateLogger("leases"),
            CancellationToken.None);
    }

    private async Task<DateTimeOffset> HeldUntilAsync() => new(
        await Store.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT held_until FROM leases")), TimeSpan.Zero);
}

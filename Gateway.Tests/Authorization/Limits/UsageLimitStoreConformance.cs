using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Tests.Authorization.Limits;

/// <summary>
/// What every store of limits and budgets must do. A store adds a class that says how to make replicas and how time
/// passes.
/// </summary>
public abstract class UsageLimitStoreConformance
{
    private static readonly TokenBucket Tens = new(new RateLimit(10, TimeSpan.FromSeconds(4)), 0);
    private static readonly TokenBucket Fives = new(new RateLimit(5, TimeSpan.FromHours(1)), 0);
    private static readonly SpendCounter Daily = new(new Budget(new Picodollars(4_000_000_000_000_000_000), BudgetPeriod.Day), 0);
    private static readonly SpendCounter Monthly = new(new Budget(new Picodollars(1000), BudgetPeriod.Month), 0);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal abstract IUsageLimitStore NewReplica();

    /// <summary>Lets this much time pass by the store's clock, and not much more.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    private static UsageLimitCharge Take(UsageLimit limit, string whose, long cost = 1) => new(limit, $"{limit.Id}:{whose}", cost);

    private static async Task<UsageLimitOutcome> TakeAsync(IUsageLimitStore store, params UsageLimitCharge[] charges) =>
        (await store.TakeAsync(charges, Cancel)).Outcome;

    [Fact]
    public async Task A_bucket_gives_what_it_holds_and_no_more()
    {
        var store = NewReplica();
        for (var i = 0; i < 5; i++) Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Fives, "a")));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Fives, "a")));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Fives, "b", 5)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Fives, "b")));
    }

    [Fact]
    public async Task A_bucket_refills_continuously_and_says_when()
    {
        var store = NewReplica();
        await TakeAsync(store, Take(Tens, "a", 10));
        var answer = await store.TakeAsync([Take(Tens, "a", 5)], Cancel);
        Assert.Equal(UsageLimitOutcome.Over, answer.Outcome);
        Assert.InRange(answer.Wait, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2));
        await PassAsync(answer.Wait);
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Tens, "a", 5)));
    }

    [Fact]
    public async Task A_bucket_never_holds_more_than_its_capacity()
    {
        var store = NewReplica();
        await TakeAsync(store, Take(Tens, "a", 10));
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Tens, "a", 10)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Tens, "a", 10)));
    }

    [Fact]
    public async Task Several_tokens_are_taken_atomically_and_the_longest_wait_is_returned()
    {
        var store = NewReplica();
        await TakeAsync(store, Take(Fives, "a", 5));
        await TakeAsync(store, Take(Tens, "a", 10));
        var answer = await store.TakeAsync([Take(Tens, "a"), Take(Fives, "a"), Take(Daily, "a", 7)], Cancel);
        Assert.Equal((UsageLimitOutcome.Over, 1), (answer.Outcome, answer.Index));
        Assert.InRange(answer.Wait, TimeSpan.FromMinutes(11), TimeSpan.FromMinutes(12));

        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Fives, "b", 3), Take(Fives, "a")));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Fives, "b", 5)));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Daily, "a", Daily.Capacity)));
    }

    [Fact]
    public async Task Money_is_counted_to_the_last_picodollar()
    {
        var store = NewReplica();
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Daily, "a", Daily.Capacity - 1)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Daily, "a", 2)));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Daily, "a", 1)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Daily, "a", 1)));
    }

    [Fact]
    public async Task A_spent_budget_returns_when_it_resets()
    {
        var store = NewReplica();
        await TakeAsync(store, Take(Daily, "a", Daily.Capacity), Take(Monthly, "a", 1000));
        var day = await store.TakeAsync([Take(Daily, "a")], Cancel);
        var month = await store.TakeAsync([Take(Monthly, "a")], Cancel);
        Assert.InRange(day.Wait, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Assert.InRange(month.Wait, day.Wait - TimeSpan.FromSeconds(10), TimeSpan.FromDays(31));
        var now = await NowAsync();
        Assert.InRange(now + day.Wait.TotalMilliseconds - CalendarWindow.End(BudgetPeriod.Day, now), -10_000, 10_000);
        Assert.InRange(now + month.Wait.TotalMilliseconds - CalendarWindow.End(BudgetPeriod.Month, now), -10_000, 10_000);
    }

    /// <summary>The store's clock in Unix milliseconds.</summary>
    protected abstract Task<long> NowAsync();

    [Fact]
    public async Task What_was_settled_corrects_what_was_estimated()
    {
        var store = NewReplica();
        await TakeAsync(store, Take(Monthly, "a", 900));
        Assert.True(await store.CorrectAsync([Take(Monthly, "a", -400)], Cancel));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Monthly, "a", 500)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, "a", 1)));

        Assert.True(await store.CorrectAsync([Take(Monthly, "a", -5000)], Cancel));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Monthly, "a", 1000)));
        Assert.True(await store.CorrectAsync([Take(Monthly, "a", 500), Take(Monthly, "b", 999)], Cancel));
        Assert.True(await store.CorrectAsync([Take(Monthly, "a", -500)], Cancel));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, "a", 1)));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Monthly, "b", 1)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, "b", 1)));
    }

    [Fact]
    public async Task Exactly_what_was_refunded_can_be_charged_again()
    {
        var store = NewReplica();
        UsageLimitCharge[] charges = [Take(Fives, "a", 4), Take(Monthly, "a", 900), Take(Daily, "a", Daily.Capacity)];
        var taken = await store.TakeAsync(charges, Cancel);
        Assert.True(
            await taken.By!.RefundAsync([Take(Fives, "a", 3), Take(Monthly, "a", 400), Take(Daily, "a", Daily.Capacity - 1)], taken.At));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Fives, "a", 5)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, "a", 501)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Daily, "a", Daily.Capacity)));
        Assert.Equal(
            UsageLimitOutcome.Taken,
            await TakeAsync(store, Take(Fives, "a", 4), Take(Monthly, "a", 500), Take(Daily, "a", Daily.Capacity - 1)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, "a", 1)));
    }

    [Fact]
    public async Task A_refund_fills_no_bucket_above_its_capacity_and_no_budget_below_zero()
    {
        var store = NewReplica();
        var taken = await store.TakeAsync([Take(Fives, "a", 2), Take(Monthly, "a", 300)], Cancel);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(
                await taken.By!.RefundAsync(
                    [Take(Fives, "a", 2), Take(Monthly, "a", 300), Take(Fives, "never", 5), Take(Monthly, "never", 5)], taken.At));
        }
        foreach (var whose in new[] { "a", "never" })
        {
            Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Fives, whose, 5), Take(Monthly, whose, 1000)));
            Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Fives, whose)));
            Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, whose)));
        }
    }

    [Fact]
    public async Task What_was_taken_in_another_month_is_not_given_back_to_this_one()
    {
        var store = NewReplica();
        var taken = await store.TakeAsync([Take(Daily, "a", Daily.Capacity), Take(Monthly, "a", 1000)], Cancel);
        Assert.True(
            await taken.By!.RefundAsync(
                [Take(Daily, "a", 500), Take(Monthly, "a", 500)], taken.At - (long)TimeSpan.FromDays(40).TotalMilliseconds));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Daily, "a")));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, "a")));
    }

    [Fact]
    public async Task A_sum_is_raised_to_what_was_charged_once_regardless_of_the_replica()
    {
        IUsageLimitStore[] replicas = [NewReplica(), NewReplica()];
        await TakeAsync(replicas[0], Take(Monthly, "a", 300));
        foreach (var replica in replicas) Assert.True(await replica.RaiseAsync([Take(Monthly, "a", 700), Take(Monthly, "b", 999)], Cancel));
        Assert.True(await replicas[1].RaiseAsync([Take(Monthly, "a", 200)], Cancel));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(replicas[0], Take(Monthly, "a", 301)));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replicas[0], Take(Monthly, "a", 300)));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replicas[0], Take(Monthly, "b", 1)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(replicas[0], Take(Monthly, "b", 1)));

        Assert.True(await replicas[0].RaiseAsync([Take(Daily, "a", Daily.Capacity - 1), Take(Fives, "a", 5)], Cancel));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replicas[0], Take(Daily, "a"), Take(Fives, "a", 5)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(replicas[0], Take(Daily, "a")));
        Assert.InRange((await replicas[0].TakeAsync([Take(Daily, "a")], Cancel)).Wait, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task Replicas_together_allow_exactly_the_capacity()
    {
        var limit = new TokenBucket(new RateLimit(300, TimeSpan.FromDays(7)), 0);
        IUsageLimitStore[] replicas = [NewReplica(), NewReplica()];
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 500).Select(i => TakeAsync(replicas[i % 2], Take(limit, "a"), Take(Daily, "x", 1))));
        Assert.Equal(300, answers.Count(answer => answer == UsageLimitOutcome.Taken));
    }

    [Fact]
    public async Task Charges_at_once_take_a_budget_to_its_end_and_the_one_that_is_too_large_alone_fails()
    {
        var store = NewReplica();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(
                i => TakeAsync(store, Take(Daily, $"{i % 3}", 5), i == 20 ? Take(Monthly, "b", 999) : Take(Monthly, "a", 7))));
        Assert.Equal(1000 / 7, answers.Where((_, i) => i != 20).Count(answer => answer == UsageLimitOutcome.Taken));
        Assert.Equal(UsageLimitOutcome.Taken, answers[20]);
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(Monthly, "a", 7), Take(Monthly, "b", 1)));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(Monthly, "a", 1000 % 7), Take(Monthly, "b", 1)));

        answers = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(
                i => TakeAsync(store, Take(Fives, "c", i == 50 ? 5 : 1), Take(Monthly, "c", i == 60 ? 1000 : 1))));
        Assert.Equal(5, answers.Count(answer => answer == UsageLimitOutcome.Taken));
    }

    [Fact]
    public async Task The_largest_bucket_is_counted_exactly()
    {
        var limit = new TokenBucket(new RateLimit(RateLimit.MaxAmount, RateLimit.MaxPer), 0);
        var store = NewReplica();
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(limit, "a", RateLimit.MaxAmount - 1)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(store, Take(limit, "a", 1000)));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(store, Take(limit, "a")));
    }
}

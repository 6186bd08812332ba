using Xmtp.Gateway.Bench.Load;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>The order of the measurement: warm-up, the case of the ratio, the other cases, half rate, allocations, checking all.</summary>
internal sealed class PublishRun(Stage stage, PublishPlan plan, CancellationToken cancellationToken)
{
    private static readonly (int Callers, int EnvelopesPerCall)[] OtherCases = [(1, 1), (16, 1), (1, 50), (16, 50), (64, 50)];
    private static readonly int[] EnvelopeSizes = [1024, 64 * 1024];
    private readonly Contest _contest = new(stage.Generator);

    public async Task<PublishReport> RunAsync()
    {
        await WarmUpAsync(stage.Proxy);
        await WarmUpAsync(stage.Gateway);
        var curve = MeasureCurve();
        var headline = await MeasureCaseAsync(64, 1, plan.HeadlineRounds, plan.HeadlineSeconds);
        var cases = new List<PublishCase>();
        foreach (var (callers, envelopes) in OtherCases) cases.Add(
            await MeasureCaseAsync(callers, envelopes, plan.CaseRounds, plan.CaseSeconds));
        cases.Add(headline);
        var halfRate = await MeasureHalfRateAsync(headline.Gateway.PublishesPerSecond / 2);
        var allocations = await MeasureAllocationsAsync();
        var floor = headline.Proxy.CpuMicroseconds + curve.SignatureMicroseconds + curve.HashMicroseconds;
        double? verifyingAll = plan.VerifiesAll ? floor / await MeasureVerifyingAllAsync() : null;
        return new PublishReport(
            floor / headline.Gateway.CpuMicroseconds, verifyingAll, curve,
            [.. cases.OrderBy(one => one.EnvelopesPerCall).ThenBy(one => one.Callers)], halfRate, allocations, MachineShape.Here());
    }

    private async Task WarmUpAsync(ServerUnderTest server)
    {
        Say($"warming up the {(server.IsGateway ? "gateway" : "proxy")}");
        await _contest.RunAsync(Window(16, 50, plan.WarmUpSeconds / 4), 1, cancellationToken, server);
        await _contest.RunAsync(Window(64, 1, plan.WarmUpSeconds * 3 / 4), 1, cancellationToken, server);
    }

    private async Task<PublishCase> MeasureCaseAsync(int callers, int envelopesPerCall, int rounds, double seconds)
    {
        Say($"{callers} callers, {envelopesPerCall} {(envelopesPerCall == 1 ? "envelope" : "envelopes")} a call");
        var figures = await _contest.RunAsync(
            Window(callers, envelopesPerCall, seconds), rounds, cancellationToken, stage.Gateway, stage.Proxy);
        return new PublishCase(callers, envelopesPerCall, figures[0], figures[1]);
    }

    private async Task<HalfRate> MeasureHalfRateAsync(double rate)
    {
        Say($"{rate:F0} calls/s, half of the gateway's highest rate");
        var window = new LoadWindow { CallsPerSecond = rate, Seconds = plan.HalfRateSeconds };
        var figures = await _contest.RunAsync(window, plan.HalfRateRounds, cancellationToken, stage.Gateway, stage.Proxy);
        return new HalfRate(rate, figures[0], figures[1]);
    }

    private async Task<List<Allocation>> MeasureAllocationsAsync()
    {
        var allocations = new List<Allocation>();
        foreach (var size in EnvelopeSizes)
        {
            Say($"allocations, {size / 1024} KB envelopes");
            var window = new LoadWindow { Callers = 16, EnvelopeSize = size, Seconds = plan.CaseSeconds, ReadsAllocations = true };
            var figures = await _contest.RunAsync(window, 1, cancellationToken, stage.Gateway, stage.Proxy);
            allocations.Add(new Allocation(size, figures[0].AllocatedBytes, figures[1].AllocatedBytes));
        }
        return allocations;
    }

    private async Task<double> MeasureVerifyingAllAsync()
    {
        var server = await stage.StartGatewayAsync("always", cancellationToken);
        await WarmUpAsync(server);
        Say("64 callers, 1 envelope a call, every answer's signature checked");
        var figures = await _contest.RunAsync(Window(64, 1, plan.HeadlineSeconds), plan.CaseRounds, cancellationToken, server);
        return figures[0].CpuMicroseconds;
    }

    private static CurveCost MeasureCurve()
    {
        Say("one signature, one hash");
        return CurveCost.Measure(Stage.Payer);
    }

    private static LoadWindow Window(int callers, int envelopesPerCall, double seconds) =>
        new() { Callers = callers, EnvelopesPerCall = envelopesPerCall, Seconds = seconds };

    private static void Say(FormattableString what) => Console.Error.WriteLine(FormattableString.Invariant(what));

    private static void Say(string what) => Console.Error.WriteLine(what);
}

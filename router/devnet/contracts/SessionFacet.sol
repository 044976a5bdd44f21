// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Store.sol";

interface IOwned {
    function owner() external view returns (address);
}

// Sessions: what a stake buys, opening, closing under both rules, holds, and what providers earn.
contract SessionFacet is Shared {
    error SessionAlreadyClosed();
    error SessionApproveExpired();
    error SessionApprovedForAnotherChainId();
    error SessionApprovedForAnotherUser();
    error SessionBidNotFound();
    error SessionDuplicateApproval();
    error SessionMaxDurationTooShort();
    error SessionNotEndedOrNotExist();
    error SessionPoolIndexOutOfBounds();
    error SessionProviderNothingToClaimInThisPeriod();
    error SessionProviderSignatureMismatch();
    error SessionReceiptExpired();
    error SessionReceiptForAnotherChainId();
    error SessionStakeTooLow();
    error SessionTooShort();
    error SessionUserAmountToWithdrawIsZero();

    event SessionClosed(address indexed user, bytes32 indexed sessionId, address indexed providerId);
    event SessionOpened(address indexed user, bytes32 indexed sessionId, address indexed providerId);
    event UserWithdrawn(address indexed user, uint256 amount_);

    uint128 private constant MIN_SESSION = 300 seconds;
    uint128 private constant SIGNATURE_LIFE = 10 minutes;
    uint256 private constant COMPUTE_POOL = 3;
    uint256 private constant HIGHEST_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    // Setting up

    function __SessionRouter_init(address fundingAccount_, uint128 maxSessionDuration_, Pool[] calldata pools_)
        external
        once("sessions")
    {
        store().fundingAccount = fundingAccount_;
        setDuration(maxSessionDuration_);
        for (uint256 i = 0; i < pools_.length; i++) store().pools.push(pools_[i]);
    }

    // Which closing rule applies; not part of the real contract, where it is the code itself.
    function setDayLock(bool dayLock_) external onlyOwner {
        store().dayLock = dayLock_;
    }

    function setPoolConfig(uint256 index_, Pool calldata pool_) external onlyOwner {
        if (index_ >= store().pools.length) revert SessionPoolIndexOutOfBounds();
        store().pools[index_] = pool_;
    }

    function setMaxSessionDuration(uint128 maxSessionDuration_) external onlyOwner {
        setDuration(maxSessionDuration_);
    }

    function setDuration(uint128 duration) private {
        if (duration < MIN_SESSION) revert SessionMaxDurationTooShort();
        store().maxSessionDuration = duration;
    }

    // Opening

    function openSession(
        address user_,
        uint256 amount_,
        bool isDirectPaymentFromUser_,
        bytes calldata approvalEncoded_,
        bytes calldata signature_
    ) external returns (bytes32) {
        requireRight(user_, RULE_SESSION);
        bytes32 bidId = approvedBid(approvalEncoded_);
        pull(user_, amount_);
        if (!bidIsActive(bidId)) revert SessionBidNotFound();
        useApproval(store().bids[bidId].provider, approvalEncoded_, signature_);
        return record(user_, bidId, amount_, isDirectPaymentFromUser_);
    }

    function useApproval(address provider, bytes calldata approval, bytes calldata signature) private {
        if (!signedFor(provider, approval, signature)) revert SessionProviderSignatureMismatch();
        bytes32 hash = keccak256(approval);
        if (store().usedApprovals[hash]) revert SessionDuplicateApproval();
        store().usedApprovals[hash] = true;
    }

    function record(address user, bytes32 bidId, uint256 amount, bool direct) private returns (bytes32 sessionId) {
        Layout storage s = store();
        Bid storage bid = s.bids[bidId];
        uint128 end = getSessionEnd(amount, bid.pricePerSecond, uint128(block.timestamp));
        uint256 duration = end - block.timestamp;
        if (duration < MIN_SESSION) revert SessionTooShort();
        if (direct && duration * bid.pricePerSecond > amount) revert SessionStakeTooLow();

        sessionId = getSessionId(user, bid.provider, bidId, s.sessionNonce++);
        Session storage session = s.sessions[sessionId];
        session.user = user;
        session.bidId = bidId;
        session.stake = amount;
        session.openedAt = uint128(block.timestamp);
        session.endsAt = end;
        session.isActive = true;
        session.isDirectPaymentFromUser = direct;
        s.sessionLists[key(user)].push(sessionId);
        s.sessionLists[providerKey(bid.provider)].push(sessionId);
        s.sessionLists[bid.modelId].push(sessionId);
        emit SessionOpened(user, sessionId, bid.provider);
    }

    function approvedBid(bytes calldata approval) private view returns (bytes32) {
        (bytes32 bidId, uint256 chainId,, uint128 timestamp) =
            abi.decode(approval, (bytes32, uint256, address, uint128));
        if (chainId != block.chainid) revert SessionApprovedForAnotherChainId();
        if (block.timestamp > timestamp + SIGNATURE_LIFE) revert SessionApproveExpired();
        return bidId;
    }

    // Closing

    function closeSession(bytes calldata receiptEncoded_, bytes calldata signature_) external {
        (bytes32 sessionId, uint256 chainId, uint128 timestamp, uint32 tps, uint32 ttft) =
            abi.decode(receiptEncoded_, (bytes32, uint256, uint128, uint32, uint32));
        if (chainId != block.chainid) revert SessionReceiptForAnotherChainId();
        if (block.timestamp > timestamp + SIGNATURE_LIFE) revert SessionReceiptExpired();
        Session storage session = store().sessions[sessionId];
        requireRight(session.user, RULE_SESSION);
        if (session.closedAt != 0) revert SessionAlreadyClosed();
        Bid storage bid = store().bids[session.bidId];
        bool dispute = !signedFor(bid.provider, receiptEncoded_, signature_);

        session.closeoutReceipt = receiptEncoded_;
        session.closeoutType = dispute ? 1 : 0;
        session.isActive = false;
        session.closedAt = uint128(block.timestamp);
        payUser(session, bid.pricePerSecond);
        payProvider(session, bid, dispute);
        count(session, bid, dispute, tps, ttft);
        emit SessionClosed(session.user, sessionId, bid.provider);
    }

    function payUser(Session storage session, uint256 price) private {
        uint128 end = min(session.closedAt, session.endsAt);
        uint256 due = session.stake;
        if (session.isDirectPaymentFromUser) due -= (end - session.openedAt) * price;
        uint256 held = store().dayLock ? lockedToday(session, end, price, due) : lockedEarly(session, price, due);
        push(session.user, due - held);
    }

    // Rule since 2026-07-31: what was used on the day the session ended waits for midnight.
    function lockedToday(Session storage session, uint128 end, uint256 price, uint256 due)
        private
        returns (uint256 held)
    {
        uint128 day = startOfTheDay(end);
        if (block.timestamp >= day + 1 days) return 0;
        uint256 used = (end - max(session.openedAt, day)) * price;
        held = least(due, stipendToStake(used, day));
        if (held > 0) store().onHold[session.user].push(OnHold(held, day + 1 days));
    }

    // Rule before that: only who closes early waits.
    function lockedEarly(Session storage session, uint256 price, uint256 due) private returns (uint256 held) {
        if (session.closedAt >= session.endsAt) return 0;
        uint128 day = startOfTheDay(session.closedAt);
        uint256 used = (session.closedAt - max(session.openedAt, day)) * price;
        held = least(due, stipendToStake(used, day));
        store().onHold[session.user].push(OnHold(held, day + 1 days));
    }

    function payProvider(Session storage session, Bid storage bid, bool dispute) private {
        uint128 end = min(session.closedAt, session.endsAt);
        uint256 due = (end - session.openedAt) * bid.pricePerSecond - session.providerWithdrawnAmount;
        if (dispute && session.closedAt < session.endsAt) due -= earnedOnClosingDay(session, bid);
        payEarned(session, bid, due);
    }

    function earnedOnClosingDay(Session storage session, Bid storage bid) private view returns (uint256) {
        uint128 from = max(startOfTheDay(session.closedAt), session.openedAt);
        return (session.closedAt - from) * bid.pricePerSecond;
    }

    // A provider earns at most its own stake in each period.
    function payEarned(Session storage session, Bid storage bid, uint256 due) private {
        Layout storage s = store();
        Provider storage provider = s.providers[bid.provider];
        if (block.timestamp > provider.limitPeriodEnd) {
            provider.limitPeriodEnd = uint128(block.timestamp) + EARNING_PERIOD;
            provider.limitPeriodEarned = 0;
        }
        uint256 room = provider.stake > provider.limitPeriodEarned ? provider.stake - provider.limitPeriodEarned : 0;
        uint256 amount = least(due, room);
        if (amount == 0) return;
        provider.limitPeriodEarned += amount;
        session.providerWithdrawnAmount += amount;
        s.totalClaimed += amount;
        if (session.isDirectPaymentFromUser) push(bid.provider, amount);
        else IToken(s.token).transferFrom(s.fundingAccount, bid.provider, amount);
    }

    function count(Session storage session, Bid storage bid, bool dispute, uint32 tps, uint32 ttft) private {
        Layout storage s = store();
        ProviderModelStats storage own = s.providerModelStats[bid.modelId][bid.provider];
        own.totalCount++;
        if (dispute) return;
        ModelStats storage all = s.modelStats[bid.modelId];
        if (own.successCount > 0) forgetMeans(all, own);
        uint32 lasted = uint32(session.closedAt - session.openedAt);
        own.successCount++;
        own.totalDuration += lasted;
        include(own.tpsScaled1000, int32(tps), own.successCount);
        include(own.ttftMs, int32(ttft), own.successCount);
        all.count++;
        include(all.tpsScaled1000, own.tpsScaled1000.mean, all.count);
        include(all.ttftMs, own.ttftMs.mean, all.count);
        include(all.totalDuration, int64(uint64(own.totalDuration)), all.count);
    }

    function forgetMeans(ModelStats storage all, ProviderModelStats storage own) private {
        all.count--;
        exclude(all.tpsScaled1000, own.tpsScaled1000.mean, all.count);
        exclude(all.ttftMs, own.ttftMs.mean, all.count);
        exclude(all.totalDuration, int64(uint64(own.totalDuration)), all.count);
    }

    // Running mean and sum of squares after Welford, in whole numbers.
    function include(SD storage sd, int64 value, uint32 number) private {
        int64 before = value - sd.mean;
        sd.mean += before / int64(uint64(number));
        sd.sqSum += before * (value - sd.mean);
    }

    function exclude(SD storage sd, int64 value, uint32 left) private {
        if (left == 0) {
            sd.mean = 0;
            sd.sqSum = 0;
            return;
        }
        int64 after_ = value - sd.mean;
        sd.mean -= after_ / int64(uint64(left));
        sd.sqSum -= after_ * (value - sd.mean);
    }

    // Withdrawing and claiming

    function withdrawUserStakes(address user_, uint8 iterations_) external {
        requireRight(user_, RULE_SESSION);
        OnHold[] storage rows = store().onHold[user_];
        uint256 amount;
        uint256 taken;
        for (uint256 i = rows.length; i > 0 && taken < iterations_; i--) {
            if (block.timestamp < rows[i - 1].releaseAt) continue;
            amount += rows[i - 1].amount;
            rows[i - 1] = rows[rows.length - 1];
            rows.pop();
            taken++;
        }
        if (amount == 0) revert SessionUserAmountToWithdrawIsZero();
        push(user_, amount);
        emit UserWithdrawn(user_, amount);
    }

    function claimForProvider(bytes32 sessionId_) external {
        Session storage session = store().sessions[sessionId_];
        Bid storage bid = store().bids[session.bidId];
        requireRight(bid.provider, RULE_SESSION);
        payEarned(session, bid, claimable(session, bid));
    }

    function claimable(Session storage session, Bid storage bid) private view returns (uint256 due) {
        uint128 end = session.closedAt == 0 ? session.endsAt : min(session.closedAt, session.endsAt);
        if (block.timestamp < end) return 0;
        due = (end - session.openedAt) * bid.pricePerSecond - session.providerWithdrawnAmount;
        bool closedToday = session.closedAt != 0 && block.timestamp < startOfTheDay(session.closedAt) + 1 days;
        if (closedToday) due -= earnedOnClosingDay(session, bid);
    }

    // What a stake buys

    function getSessionEnd(uint256 amount_, uint256 pricePerSecond_, uint128 openedAt_) public view returns (uint128) {
        uint256 duration = stakeToStipend(amount_, openedAt_) / pricePerSecond_;
        return openedAt_ + uint128(least(duration, store().maxSessionDuration));
    }

    function stakeToStipend(uint256 amount_, uint128 timestamp_) public view returns (uint256) {
        return (amount_ * getComputeBalance(timestamp_)) / (totalMORSupply(timestamp_) * 100);
    }

    function stipendToStake(uint256 stipend_, uint128 timestamp_) public view returns (uint256) {
        return (stipend_ * totalMORSupply(timestamp_) * 100) / getComputeBalance(timestamp_);
    }

    function getTodaysBudget(uint128 timestamp_) external view returns (uint256) {
        return getComputeBalance(timestamp_) / 100;
    }

    function getComputeBalance(uint128 timestamp_) public view returns (uint256) {
        return emitted(store().pools[COMPUTE_POOL], startOfTheDay(timestamp_)) - store().totalClaimed;
    }

    function totalMORSupply(uint128 timestamp_) public view returns (uint256) {
        Layout storage s = store();
        uint128 day = startOfTheDay(timestamp_);
        uint256 supply = s.totalClaimed;
        for (uint256 i = 0; i < s.pools.length; i++) {
            if (i != COMPUTE_POOL) supply += emitted(s.pools[i], day);
        }
        return supply;
    }

    // What a pool has given out: whole intervals, each less than the one before, and a part of one.
    function emitted(Pool storage pool, uint128 until) private view returns (uint256) {
        if (until <= pool.payoutStart) return 0;
        uint256 passed = until - pool.payoutStart;
        uint256 whole = passed / pool.decreaseInterval;
        uint256 rest = passed % pool.decreaseInterval;
        if (pool.rewardDecrease > 0) {
            uint256 all = (pool.initialReward + pool.rewardDecrease - 1) / pool.rewardDecrease;
            if (whole >= all) (whole, rest) = (all, 0);
        }
        uint256 total = whole * pool.initialReward;
        if (whole > 0) total -= (pool.rewardDecrease * whole * (whole - 1)) / 2;
        if (rest == 0) return total;
        return total + ((pool.initialReward - whole * pool.rewardDecrease) * rest) / pool.decreaseInterval;
    }

    function startOfTheDay(uint128 timestamp_) public pure returns (uint128) {
        return timestamp_ - (timestamp_ % 1 days);
    }

    // Reading

    function getSession(bytes32 sessionId_) external view returns (Session memory) {
        return store().sessions[sessionId_];
    }

    function getSessionId(address user_, address provider_, bytes32 bidId_, uint256 sessionNonce_)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(user_, provider_, bidId_, sessionNonce_));
    }

    function getUserSessions(address user_, uint256 offset_, uint256 limit_)
        external
        view
        returns (bytes32[] memory, uint256)
    {
        return page(store().sessionLists[key(user_)], offset_, limit_);
    }

    function getProviderSessions(address provider_, uint256 offset_, uint256 limit_)
        external
        view
        returns (bytes32[] memory, uint256)
    {
        return page(store().sessionLists[providerKey(provider_)], offset_, limit_);
    }

    function getModelSessions(bytes32 modelId_, uint256 offset_, uint256 limit_)
        external
        view
        returns (bytes32[] memory, uint256)
    {
        return page(store().sessionLists[modelId_], offset_, limit_);
    }

    function getTotalSessions(address provider_) external view returns (uint256) {
        return store().sessionLists[providerKey(provider_)].length;
    }

    function getUserStakesOnHold(address user_, uint8 iterations_) external view returns (uint256 available_, uint256 hold_) {
        iterations_; // the deployed contract does not look at it either
        OnHold[] storage rows = store().onHold[user_];
        for (uint256 i = 0; i < rows.length; i++) {
            if (block.timestamp < rows[i].releaseAt) hold_ += rows[i].amount;
            else available_ += rows[i].amount;
        }
    }

    function getProvidersTotalClaimed() external view returns (uint256) {
        return store().totalClaimed;
    }

    function getMaxSessionDuration() external view returns (uint128) {
        return store().maxSessionDuration;
    }

    function getFundingAccount() external view returns (address) {
        return store().fundingAccount;
    }

    function getPools() external view returns (Pool[] memory) {
        return store().pools;
    }

    function getPool(uint256 index_) external view returns (Pool memory) {
        return store().pools[index_];
    }

    function getIsProviderApprovalUsed(bytes calldata approval_) external view returns (bool) {
        return store().usedApprovals[keccak256(approval_)];
    }

    function getProviderModelStats(bytes32 modelId_, address provider_)
        external
        view
        returns (ProviderModelStats memory)
    {
        return store().providerModelStats[modelId_][provider_];
    }

    function getModelStats(bytes32 modelId_) external view returns (ModelStats memory) {
        return store().modelStats[modelId_];
    }

    // Signatures

    // Whether the provider, one it gave the right to, or the owner of a contract that is one, signed.
    function signedFor(address provider, bytes calldata message, bytes calldata signature)
        private
        view
        returns (bool)
    {
        address signer = recover(keccak256(message), signature);
        if (signer == provider || hasRight(signer, provider, RULE_PROVIDER)) return true;
        if (provider.code.length == 0) return false;
        try IOwned(provider).owner() returns (address owner) {
            return owner == signer;
        } catch {
            return false;
        }
    }

    function recover(bytes32 hash, bytes calldata signature) private pure returns (address signer) {
        require(signature.length == 65, "ECDSA: invalid signature length");
        bytes32 s = bytes32(signature[32:64]);
        require(uint256(s) <= HIGHEST_S, "ECDSA: invalid signature 's' value");
        bytes32 digest = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", hash));
        signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[0:32]), s);
        require(signer != address(0), "ECDSA: invalid signature");
    }

    // Sessions of an account as a user and as a provider are two lists.
    function providerKey(address provider) private pure returns (bytes32) {
        return keccak256(abi.encodePacked("provider", provider));
    }

    function min(uint128 a, uint128 b) private pure returns (uint128) {
        return a < b ? a : b;
    }

    function max(uint128 a, uint128 b) private pure returns (uint128) {
        return a > b ? a : b;
    }

    function least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}

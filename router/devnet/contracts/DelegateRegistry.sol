// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Who may act for whom: the part of the delegation registry that the Diamond asks.
contract DelegateRegistry {
    event DelegateAll(address indexed from, address indexed to, bytes32 rights, bool enable);
    event DelegateContract(
        address indexed from, address indexed to, address indexed contract_, bytes32 rights, bool enable
    );

    mapping(bytes32 => bool) private given;

    function delegateAll(address to, bytes32 rights, bool enable) external payable returns (bytes32 hash) {
        hash = id(msg.sender, to, address(0), rights);
        given[hash] = enable;
        emit DelegateAll(msg.sender, to, rights, enable);
    }

    function delegateContract(address to, address contract_, bytes32 rights, bool enable)
        external
        payable
        returns (bytes32 hash)
    {
        hash = id(msg.sender, to, contract_, rights);
        given[hash] = enable;
        emit DelegateContract(msg.sender, to, contract_, rights, enable);
    }

    function checkDelegateForAll(address to, address from, bytes32 rights) public view returns (bool) {
        return given[id(from, to, address(0), 0)] || given[id(from, to, address(0), rights)];
    }

    function checkDelegateForContract(address to, address from, address contract_, bytes32 rights)
        external
        view
        returns (bool)
    {
        return checkDelegateForAll(to, from, rights) || given[id(from, to, contract_, 0)]
            || given[id(from, to, contract_, rights)];
    }

    function id(address from, address to, address contract_, bytes32 rights) private pure returns (bytes32) {
        return keccak256(abi.encode(from, to, contract_, rights));
    }
}
